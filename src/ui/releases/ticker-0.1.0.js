var y,ke,lt,P,ne,V,we,$,xe,oe,re,at,E=Symbol.for("pv"),H={},Z=[],ct=/^m(i|n|o|s|text|space)$/,ie=Array.isArray,Se=Z.slice,M=Object.assign;function A(t){t&&t.parentNode&&t.remove()}function z(t,e,n,r,i){var o={type:t,props:e,key:n,ref:r,__k:null,__:null,__b:0,__e:null,__c:null,constructor:E,__v:i||++ke,__i:-1,__u:0};return!i&&y.vnode&&y.vnode(o),o}function U(t){return t.children}function B(t,e){this.props=t,this.context=e,this.__g=0}function R(t,e){if(e==null)return t.__&&R(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:R(t)}function ut(t){var e,n=t.__v,r=n.__e,i=[],o=[],a=t.__P;a&&((e=M({constructor:E},n)).__v=n.__v+1,y.vnode&&y.vnode(e),se(a,e,n,t.__n,a.namespaceURI,32&n.__u?[r]:null,i,r||R(n),32&n.__u,o),e.__v=n.__v,e.__.__k[e.__i]=e,Te(i,e,o),n.__=n.__e=null,e.__e!=r&&Fe(e))}function Fe(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Fe(t)}function be(t){(8&t.__g||(t.__g|=8,P.push(t),V++))&&ne==y.debounceRendering||((ne=y.debounceRendering)||queueMicrotask)(Ce)}function Ce(){try{for(var t,e=1;P.length;)P.length>e&&P.sort(we),t=P.shift(),e=P.length,8&t.__g&&ut(t)}finally{(V=P.length)&&(ne||queueMicrotask)(Ce)}}function Pe(t,e,n,r,i,o,a,l,d,h,c){var v,_,s,p,k,f,g=r.__k||Z,m=e.length;for(d=dt(n,e,g,d,m),v=0;v<m;v++)(s=n.__k[v])!=null&&(_=~s.__i&&g[s.__i]||H,s.__i=v,f=se(t,s,_,i,o,a,l,d,h,c),p=s.__e,(_.ref!=s.ref||8&_.__u)&&(_.ref&&le(_.ref,null,s,_),s.ref&&c.push(s.ref,s.__c||p,s)),k=k||p,4&s.__u?(d=Re(s,d,t,!_.__v),_.__e&&(_.__e=null)):typeof s.type=="function"&&f!==void 0?d=f:p&&(d=p.nextSibling),s.__u&=-21);return n.__e=k,d}function dt(t,e,n,r,i){var o,a,l,d,h,c,v,_,s,p=n.length,k=p,f=0,g=0,m=t.__k=Array(i);for(o=0;o<i;o++)(a=e[o])!=null&&typeof a!="boolean"&&typeof a!="function"?(typeof a!="object"||a.constructor===String?a=m[o]=z(null,a):ie(a)?a=m[o]=z(U,{children:a}):a.constructor===E&&a.__b?a=m[o]=z(a.type,a.props,a.key,a.ref,a.__v):m[o]=a,d=o+f,a.__=t,a.__b=t.__b+1,l=null,~(h=a.__i=pt(a,n,d,k))&&(k--,(l=n[h])&&(l.__u|=2)),l&&l.__v?(a.__u|=16,h==d-1?f--:h==d+1?f++:h!=d&&(h>d?f--:f++,g=1)):(~h||(i>p?f--:i<p&&f++),typeof a.type!="function"&&(a.__u|=4))):m[o]=null;if(g){for(c=[],v=[],o=0;o<i;o++)if((a=m[o])&&16&a.__u){for(f=0,_=c.length;f<_;)c[s=f+_>>1]<a.__i?f=s+1:_=s;c[f]=a.__i,v[o]=f+1}for(f=c.length;o--;)v[o]&&(v[o]==f?f--:m[o].__u|=4)}if(k)for(o=0;o<p;o++)!(l=n[o])||2&l.__u||(l.__e==r&&(r=R(l)),ae(l,l));return r}function Re(t,e,n,r){var i,o,a,l;if(typeof t.type=="function"){if(t.props.__P)return e;if(i=t.__k)for(o=0;o<i.length;o++)i[o]&&(i[o].__=t,e=Re(i[o],e,n,!1));return e}for(e&&!e.parentNode&&(e=R(t))&&!e.parentNode&&(e=null),a=t.__e,l=e;l&&l.nodeType==8;)l=l.nextSibling;for(a!=l&&(!r&&n.moveBefore&&a.parentNode?n.moveBefore(a,e):n.insertBefore(a,e||null)),e=a;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function pt(t,e,n,r){var i,o=t.key,a=t.type,l=e[n],d=l&&!(2&l.__u);if(l===null&&o==null||d&&o==l.key&&a==l.type)return n;if(r>(d?1:0)){for(i=n-1;i>=0;i--)if((l=e[i])&&!(2&l.__u)&&o==l.key&&a==l.type)return i;for(i=n+1;i<e.length;i++)if((l=e[i])&&!(2&l.__u)&&o==l.key&&a==l.type)return i}return-1}function ve(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function N(t,e,n,r,i){var o,a;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof r=="string"&&(t.style.cssText=r=""),r)for(e in r)n&&e in n||ve(t.style,e);if(n)for(e in n)r&&n[e]==r[e]||ve(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof r!="function"&&(r=null),(t.__e||(t.__e={}))[e]=n,n&&r||(a=re[e]||(re[e]=mt(e)),(t.__a||(t.__a={}))[e]=oe,o=e!=(e=e.replace(xe,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,a,o):t.removeEventListener(e,a,o));else{if(i=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function mt(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[$]==null)e[$]=oe++;else if(e[$]<this.__a[t])return;return n(y.event?y.event(e):e)}}}function se(t,e,n,r,i,o,a,l,d,h){var c,v,_,s,p,k,f,g,m,w,b,te,_e,D,I,ge,C,T,F=e.type;if(e.constructor!==E)return null;128&n.__u&&(d=32&n.__u,c=n.__c.__z)&&(e.__u|=d,v=o=[],c.nodeType==8?l=j(c,o):o.push(c),l=o[0]||l),(c=y.__b)&&c(e);e:if(typeof F=="function"){_=a.length;try{if(g=e.props,m=(c=F.prototype)&&c.render,w=(c=F.contextType)&&r[c.__c],b=c?w?w.props.value:c.__:r,(s=n.__c)?(e.__c=s,2&s.__g&&(s.__g|=1)):(m?e.__c=s=new F(g,b):(e.__c=s=new B(g,b),s.constructor=F,s.render=yt),w&&w.sub(s),s.state||(s.state={}),s.__n=r,s.__g|=8,s.__h=[],s.__k=[]),m&&(s.__s||(s.__s=s.state),F.getDerivedStateFromProps&&(s.__s==s.state&&(s.__s=M({},s.__s)),M(s.__s,F.getDerivedStateFromProps(g,s.__s)))),p=s.props,k=s.state,s.__v=e,n.__c){if(g!==p&&m&&!F.getDerivedStateFromProps&&s.componentWillReceiveProps&&s.componentWillReceiveProps(g,b),e.__v==n.__v&&!(8&s.__g)||!(4&s.__g)&&s.shouldComponentUpdate&&s.shouldComponentUpdate(g,s.__s,b)===!1){e.__v!=n.__v&&(s.props=g,s.state=s.__s,s.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function(S){S&&(S.__=e)}),Z.push.apply(s.__h,s.__k),s.__k=[],s.__h.length&&a.push(s),l=R(n);break e}s.componentWillUpdate&&s.componentWillUpdate(g,s.__s,b),m&&s.componentDidUpdate&&s.__h.push(function(){s.componentDidUpdate(p,k,f)})}else m&&!F.getDerivedStateFromProps&&s.componentWillMount&&s.componentWillMount(),m&&s.componentDidMount&&s.__h.push(s.componentDidMount);s.context=b,s.props=g,s.__P=t,s.__g&=-5,te=y.__r,_e=m?25:0;do s.__g&=-9,te&&te(e),c=s.render(s.props,s.state=s.__s,s.context);while(8&s.__g&&++_e<25);m&&(Z.push.apply(s.__h,s.__k),s.__k=[]),s.state=s.__s,s.getChildContext&&(r=M({},r,s.getChildContext())),m&&n.__c&&s.getSnapshotBeforeUpdate&&(f=s.getSnapshotBeforeUpdate(p,k)),D=c&&c.type===U&&c.key==null?c.props.children:c,g.__P&&(c=l,i=(t=g.__P).namespaceURI,d=o=null,n.props&&n.props.__P!=t&&(n.__k.some(function(S){S&&ae(S,S)}),n.__k=null),l=n.__k?R(n,0):null),l=Pe(t,ie(D)?D:[D],e,n,r,i,o,a,l,d,h),g.__P&&(e.__e=null,l=c),e.__u&=-161,v&&v.some(A),s.__h.length&&a.push(s),1&s.__g&&(s.__g&=-4)}catch(S){if(a.length=_,e.__v=null,d||o)if(S&&S.then){if(e.__u|=128|d,o){for(~(C=o.indexOf(l||void 0))||(C=o.length);(T=o[C-1])&&T.nodeType==8;)C--;for(;C<o.length;C++)if(T=o[C])if(o[C]=null,I){if(T==ge)break}else{if(T.nodeType!=8)break;T.data.startsWith("$s")&&(ge=j(I=T))}}if(!I){for(;l&&l.nodeType==8&&l.nextSibling;)l=l.nextSibling;I=l}(c=j(I=e.__c.__z||(e.__c.__z=I)))?(e.__e=I,l=c):e.__e=l,l=l&&l.nextSibling}else o&&o.some(A);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),S&&S.then||Ie(e),y.__e(S,e,n)}}else l=e.__e=ft(n.__e,e,n,r,i,o,a,d,h,t);return(c=y.diffed)&&c(e),l}function j(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function Ie(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(Ie))}function Te(t,e,n){for(var r=0;r<n.length;)le(n[r++],n[r++],n[r++]);y.__c&&y.__c(e,t),t.some(function(i){try{t=i.__h,i.__h=[],t.some(function(o){o.call(i)})}catch(o){y.__e(o,i.__v)}})}function ft(t,e,n,r,i,o,a,l,d,h){var c,v,_,s,p,k,f,g,m=n.props||H,w=e.props,b=e.type;if(b=="svg"?i="http://www.w3.org/2000/svg":b=="math"?i="http://www.w3.org/1998/Math/MathML":i||(i="http://www.w3.org/1999/xhtml"),o){for(c=0;c<o.length;c++)if((p=o[c])&&(b?p.localName==b:p.nodeType==3)){t=p,o[c]=null;break}}if(!t){if(g=h.ownerDocument||document,!b)return g.createTextNode(w);t=g.createElementNS(i,b,w.is?w:h),l&&(y.__m&&y.__m(e,o),l=!1),o=null}if(b){if(h=b=="template"&&t.content||t,o=b=="textarea"&&w.defaultValue!=null?null:o&&Se.call(h.childNodes),!l&&o)for(m={},c=0;c<t.attributes.length;c++)m[(p=t.attributes[c]).name]=p.value;for(c in m)p=m[c],c=="dangerouslySetInnerHTML"?_=p:c=="children"||c in w||c=="value"&&"defaultValue"in w||c=="checked"&&"defaultChecked"in w||N(t,c,null,p,i);for(c in w)p=w[c],c=="children"?s=p:c=="dangerouslySetInnerHTML"?v=p:c=="value"?k=p:c=="checked"?f=p:l&&typeof p!="function"||m[c]===p||N(t,c,p,m[c],i);v?(l||_&&(v.__html==_.__html||v.__html==t.innerHTML)||(t.innerHTML=v.__html),e.__k=[]):(_&&(t.textContent=""),(b=="foreignObject"||i=="http://www.w3.org/1998/Math/MathML"&&ct.test(b))&&(i="http://www.w3.org/1999/xhtml"),Pe(h,ie(s)?s:[s],e,n,r,i,o,a,o?o[0]:n.__k&&R(n,0),l,d),o&&o.some(A)),l&&b!="textarea"||(c="value",b=="progress"&&k==null?t.removeAttribute(c):k==null||k===t[c]&&(b!="progress"||k)||N(t,c,k,m[c],i),c="checked",f!=null&&f!=t[c]&&N(t,c,f,m[c],i))}else m===w||l&&t.data==w||(t.data=w);return t}function le(t,e,n,r){try{typeof t=="function"?e?e.__x=t(e)||1:r&&(r=r.__c||r.__e)&&(e=r.__x)&&(r.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(i){y.__e(i,n)}}function ae(t,e,n){var r,i,o,a;if(y.unmount&&y.unmount(t),!(r=t.ref)||r.current&&r.current!=t.__e||le(r,null,e,t),r=t.__c){if(r.componentWillUnmount)try{r.componentWillUnmount()}catch(l){y.__e(l,e)}r.__P=r.__n=null}if(r=t.__k)for(a=0;a<r.length;a++)r[a]&&ae(r[a],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(r=t.__c)&&(r=r.__z)&&(i=j(r,o=[]))&&(r==t.__e&&o.some(A),A(i),A(r)),n||A(t.__e),t.__e=t.__c=t.__=null}function yt(t,e,n){return this.constructor(t,n)}function Ae(t,e){var n,r,i,o;y.__&&y.__(t,e),e.nodeType==9&&(e=e.documentElement),r=(n=t&&32&t.__u)?null:e.__k,e.__k=z(U,{children:[t]}),i=[],o=[],se(e,e.__k,r||H,H,e.namespaceURI,r?null:e.firstChild?Se.call(e.childNodes):null,i,r?r.__e:e.firstChild,n,o),Te(i,e.__k,o),e.__k.props.children=null}y={__e:function(t,e,n,r){for(var i,o,a;e=e.__;)if((i=e.__c)&&!(1&i.__g)){i.__g|=4;try{if((a=(o=i.constructor)&&o.getDerivedStateFromError)&&i.setState(o.getDerivedStateFromError(t)),i.componentDidCatch&&(i.componentDidCatch(t,r||{}),a=1),a&&8&i.__g)return void(i.__g|=2)}catch(l){t=l}}throw V=0,t}},ke=0,lt=function(t){return t!=null&&t.constructor===E},B.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=M({},this.state)),typeof t=="function"&&(t=t(M({},n),this.props)),t&&(M(n,t),this.__v&&(e&&this.__k.push(e),be(this)))},B.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),be(this))},B.prototype.render=U,P=[],V=0,we=function(t,e){return t.__v.__b-e.__v.__b},$=Symbol(),xe=/(PointerCapture)$|Capture$/i,oe=0,re={},at=0;var J={now:()=>Date.now(),after(t,e){let n=setTimeout(e,t);return()=>clearTimeout(n)}};function K(t){return t.attribution?`${t.attribution}: ${t.headline}`:t.headline}function G(t){if(!q(t))return null;let{id:e,version:n,place:r,edition:i,language:o,updatedAt:a}=t;if(!O(e)||!x(n)||!x(r)||!O(i)||!O(o))return null;let l={id:e,version:n,place:r,edition:i,language:o,dir:t.dir==="rtl"?"rtl":"ltr",updatedAt:typeof a=="string"?a:""};return t.status==="usable"?ht(t,l):_t(t,l)}function Me(t){return t==="new"||t==="corrected"||t==="refile"||t==="released"?t:"attached"}function q(t){return typeof t=="object"&&t!==null&&!Array.isArray(t)}function x(t){return typeof t=="number"&&Number.isSafeInteger(t)&&t>=0}function ht(t,e){let{headline:n,publishedAt:r}=t;return O(n)?{...e,status:"usable",headline:n,urgency:bt(t.urgency),sections:ce(t.sections),regions:ce(t.regions),topics:ce(t.topics),publishedAt:typeof r=="string"?r:e.updatedAt,...L(t,"attribution"),...L(t,"url"),...L(t,"expiresAt"),...L(t,"replaces"),...gt(t.correction)}:null}function _t(t,e){let n=t.status==="withheld"?"withheld":"retracted";return{...e,status:n,...L(t,"notice")}}function gt(t){return q(t)?{correction:{kind:t.kind==="refile"?"refile":"corrected",...L(t,"note"),...L(t,"at")}}:{}}function bt(t){return t==="flash"||t==="update"?t:"urgent"}function ce(t){return Array.isArray(t)?t.filter(O):[]}function L(t,e){let n=t[e],r={};return O(n)&&(r[e]=n),r}function O(t){return typeof t=="string"&&t!==""}var de=2e4,W={afterMs:0,withinMs:4e3},ue=6e5;function Le(t){let e=Ct(t);if(!q(e)||typeof e.type!="string")return null;switch(e.type){case"snapshot":return vt(e);case"resumed":return kt(e);case"item":return wt(e);case"removal":return xt(e);case"beat":return St(e);case"reconnect":return{type:"reconnect",...me(e)};default:return Ft(e)}}function vt(t){let e=Ue(t);if(!e||!Array.isArray(t.items))return null;let n=t.reason==="gap"||t.reason==="epoch"?t.reason:"start",r=t.items.flatMap(i=>G(i)??[]);return{type:"snapshot",...e,items:r,more:t.more===!0,reason:n}}function kt(t){let e=Ue(t);return e&&{type:"resumed",...e,missed:x(t.missed)?t.missed:0}}function Ue(t){let{epoch:e,seq:n,beatMs:r}=t;if(typeof e!="string"||e===""||!x(n))return null;let i=x(r)&&r>0?Math.min(r,ue):de,o=q(t.retry)?me(t.retry):W;return{epoch:e,seq:n,beatMs:i,stale:t.stale===!0,retry:o}}function wt(t){let e=pe(t),n=G(t.item);return!e||!n?e&&{type:"unknown",...e}:{type:"item",...e,change:Me(t.change),item:n}}function xt(t){let e=pe(t),{id:n,version:r,reason:i,notice:o}=t;if(!e||typeof n!="string"||!x(r))return null;let a=G(t.tombstone);return{type:"removal",...e,id:n,version:r,reason:typeof i=="string"?i:"unknown",...typeof o=="string"&&o!==""&&{notice:o},...a&&a.status!=="usable"&&{tombstone:a}}}function St(t){let e=pe(t),n=q(t.retry)?{retry:me(t.retry)}:{};return e&&{type:"beat",...e,stale:t.stale===!0,...n}}function Ft(t){let{seq:e,prev:n}=t;return{type:"unknown",seq:x(e)?e:null,prev:x(n)?n:null}}function pe(t){let{seq:e,prev:n}=t;return x(e)&&x(n)?{seq:e,prev:n}:null}function me(t){let{afterMs:e,withinMs:n}=t;return{afterMs:x(e)?Math.min(e,ue):W.afterMs,withinMs:x(n)?Math.min(n,ue):W.withinMs}}function Ct(t){try{return JSON.parse(t)}catch{return null}}function Oe(t){return`${t.epoch}:${t.seq}`}function qe(t){let e=/^([A-Za-z0-9_-]{1,32}):(\d{1,15})(?::[A-Za-z0-9_-]{1,16})?$/.exec(t);return e?.[1]&&e[2]&&t.length<=64?{epoch:e[1],seq:Number(e[2])}:null}var Q=class{#t;#n;#r="open";#e;#s;#o;constructor(e){this.#t=e,this.#e=e.silenceMs,this.#s=e.clock.now(),this.#o=e.clock.after(this.#e,()=>this.check()),this.#n=new e.WebSocket(e.url),this.#n.addEventListener("message",n=>this.#i(n.data)),this.#n.addEventListener("close",n=>this.#l(n.code)),this.#n.addEventListener("error",()=>{})}allowSilence(e){this.#e=e,this.#a()}check(){this.#r!=="over"&&(this.#t.clock.now()-this.#s>=this.#e?this.#l(1006):this.#a())}close(){this.#c()}#i(e){this.#r!=="over"&&(this.#s=this.#t.clock.now(),typeof e=="string"&&this.#t.onText(e))}#a(){this.#o();let e=this.#s+this.#e-this.#t.clock.now();this.#o=this.#t.clock.after(Math.max(1,e),()=>this.check())}#l(e){this.#r!=="over"&&(this.#c(),this.#t.onLost(e))}#c(){this.#r!=="over"&&(this.#r="over",this.#o(),this.#n.close())}};function Ee(t,e){return e.type==="item"?Pt(t,e.item):Rt(t,e)}function Pt(t,e){let n=t.find(r=>r.id===e.id);return n&&n.version>=e.version?t:We(n?t.filter(r=>r!==n):t,e)}function We(t,e){let n=t.findIndex(r=>r.place<e.place);return n===-1?[...t,e]:[...t.slice(0,n),e,...t.slice(n)]}function Rt(t,e){let n=t.find(i=>i.id===e.id);if(n&&n.version>e.version)return t;if(e.notice===void 0)return n?t.filter(i=>i!==n):t;let r=e.tombstone??(n&&It(n,e.version,e.notice));return r?n?t.map(i=>i===n?r:i):We(t,r):t}function It(t,e,n){return{id:t.id,version:e,place:t.place,edition:t.edition,language:t.language,dir:t.dir,status:"retracted",updatedAt:t.updatedAt,notice:n}}function Ne(t){return{position:t,items:[],floor:t?t.seq+1:0,missing:0,stale:!1}}function $e(t,e,n){switch(e.type){case"snapshot":return Tt(t,e);case"resumed":return t.position?.epoch!==e.epoch||e.seq>t.position.seq?{type:"hole"}:{type:"applied",cursor:{...t,missing:e.missed,stale:e.stale}};case"beat":{let r=ze(t,e.prev,Math.max(e.seq,t.position?.seq??0));return r?{type:"applied",cursor:{...r,missing:0,stale:e.stale}}:{type:"hole"}}case"item":case"removal":case"unknown":return At(t,e,n);case"reconnect":return{type:"ignored"}}}function Tt(t,e){let{epoch:n,seq:r,stale:i}=e;if(t.position?.epoch===n&&r<t.position.seq)return{type:"ignored"};let o=[...e.items].sort((l,d)=>d.place-l.place),a=e.more?o.at(-1)?.place??r+1:0;return{type:"applied",cursor:{position:{epoch:n,seq:r},items:o,floor:a,missing:0,stale:i}}}function At(t,e,n){if(e.seq===null||t.position&&e.seq<=t.position.seq)return{type:"ignored"};let r=ze(t,e.prev??0,e.seq);if(!r)return{type:"hole"};let i={...r,missing:Math.max(0,r.missing-1)};return{type:"applied",cursor:e.type==="unknown"?i:Mt(i,Ee(i.items,e),n)}}function ze(t,e,n){return!t.position||e>t.position.seq?null:{...t,position:{epoch:t.position.epoch,seq:n}}}function Mt(t,e,n){let r=e.at(-1)&&De(e)<t.floor?e.filter(o=>o.place>=t.floor):e;if(r.length<=n)return{...t,items:r};let i=r.slice(0,n);return{...t,items:i,floor:De(i)}}function De(t){return t.at(-1)?.place??0}function Be(t,e){let n=new URL(t.url,typeof location>"u"?void 0:location.href),r=new URL(`${n.pathname.replace(/\/$/,"")}/v1/feed`,n);r.protocol=n.protocol==="https:"||n.protocol==="wss:"?"wss:":"ws:";let i=r.searchParams;i.set("edition",t.edition);for(let o of t.filter?.sections??[])i.append("section",o);for(let o of t.filter?.regions??[])i.append("region",o);for(let o of t.filter?.topics??[])i.append("topic",o);for(let o of t.filter?.urgencies??[])i.append("urgency",o);return i.set("limit",String(t.limit)),e&&i.set("since",Oe(e)),r.href}var je=t=>{if(typeof document>"u"||typeof window>"u")return()=>{};let e=()=>{document.visibilityState==="visible"&&t.onVisible()},n=()=>t.onOnline(),r=()=>t.onOffline();return document.addEventListener("visibilitychange",e),window.addEventListener("online",n),window.addEventListener("offline",r),()=>{document.removeEventListener("visibilitychange",e),window.removeEventListener("online",n),window.removeEventListener("offline",r)}};function Ve(t){return t>=4e3&&t<4100?"never":t>=4200&&t<4300?"window":"back-off"}var Lt=500,Ut=2e4,Ze=1e4;function Je(t,e,n,r){let i=Ve(t);if(i==="never")return null;let o=()=>n.afterMs+r()*n.withinMs;return i==="window"?o():t>=4100&&t<4200?o()+He(e+1,r):e===0?o():He(e,r)}function He(t,e){return e()*Math.min(Ut,Lt*2**(t-1))}function ye(t){return new fe(t)}var Ke=1e4,Ge=1006,fe=class{#t;#n;#r;#e;#s;#o;#i=null;#a=W;#l=0;#c=null;#u={type:"connecting"};#d=null;constructor(e){this.#t=e,this.#n={...e,limit:e.limit??20},this.#r=e.clock??J,this.#e=e.random??Math.random,this.#o=Ne(qe(e.since??"")),e.onState?.(this.#u),this.#p(),this.#s=(e.signals??je)({onOnline:()=>this.#h(),onOffline:()=>this.#g(!0),onVisible:()=>this.#i?this.#i.check():this.#h()})}close(){this.#s(),this.#y()}#p(){this.#y(),this.#c=null,this.#i=new Q({url:Be(this.#n,this.#o.position),WebSocket:this.#t.WebSocket??WebSocket,clock:this.#r,silenceMs:Ke,onText:e=>this.#v(e),onLost:e=>this.#m(e)})}#v(e){let n=Le(e);n?this.#k(n):this.#m(Ge)}#k(e){if(e.type==="reconnect"){this.#f(this.#_(e));return}e.type==="snapshot"||e.type==="resumed"?this.#w(e):e.type==="beat"&&e.retry&&(this.#a=e.retry);let n=this.#o,r=$e(n,e,this.#n.limit*2);if(r.type==="hole"){this.#m(Ge);return}r.type==="applied"&&(this.#o=r.cursor),this.#o.items!==n.items&&this.#t.onItems(this.#o.items.slice(0,this.#n.limit)),this.#b(Ot(this.#o)),r.type==="applied"&&this.#t.onFrame?.(e)}#w(e){this.#c=this.#r.now(),this.#a=e.retry,this.#i?.allowSilence((e.beatMs??de)+Ke)}#m(e){let n=this.#i===null?null:this.#d;this.#i?.close(),this.#i=null,this.#c!==null&&this.#r.now()-this.#c>=Ze&&(this.#l=0);let r=Je(e,this.#l,this.#a,this.#e);this.#g(r!==null),this.#l+=1,r===null?this.#y():n||this.#f(r)}#h(){this.#u.type!=="offline"||!this.#u.retrying||(this.#l=0,this.#f(this.#_(this.#a)))}#_(e){return e.afterMs+this.#e()*e.withinMs}#f(e){this.#d?.(),this.#d=this.#r.after(e,()=>this.#p())}#y(){this.#d?.(),this.#d=null,this.#i?.close(),this.#i=null}#g(e){let n=this.#u.type==="offline"?this.#u.since:this.#r.now();this.#b({type:"offline",since:n,retrying:e})}#b(e){let n=this.#u;n.type===e.type&&(n.type!=="offline"||e.type!=="offline"||n.retrying===e.retrying)||(this.#u=e,this.#t.onState?.(e))}};function Ot(t){return t.stale?{type:"delayed"}:{type:t.missing>0?"catching up":"live"}}var Qe={language:"ar",dir:"rtl",title:"\u0639\u0627\u062C\u0644",urgency:{flash:"\u062E\u0628\u0631 \u0637\u0627\u0631\u0626",urgent:"\u0639\u0627\u062C\u0644",update:"\u062A\u062D\u062F\u064A\u062B"},corrected:"\u0645\u0635\u062D\u064E\u0651\u062D",withdrawn:"\u0633\u064F\u062D\u0628 \u0627\u0644\u062E\u0628\u0631",empty:"\u0644\u0627 \u0623\u062E\u0628\u0627\u0631 \u0639\u0627\u062C\u0644\u0629 \u0627\u0644\u0622\u0646.",state:{connecting:"\u062C\u0627\u0631\u064D \u0627\u0644\u0627\u062A\u0635\u0627\u0644",live:"\u0645\u0628\u0627\u0634\u0631",delayed:"\u0645\u062A\u0623\u062E\u0631","catching up":"\u062C\u0627\u0631\u064D \u0627\u0644\u0644\u062D\u0627\u0642 \u0628\u0627\u0644\u0623\u062E\u0628\u0627\u0631",offline:"\u063A\u064A\u0631 \u0645\u062A\u0635\u0644 \u0645\u0646\u0630 {time}"},site:{tagline:"\u0627\u0644\u0623\u062E\u0628\u0627\u0631 \u0627\u0644\u0639\u0627\u062C\u0644\u0629 \u0644\u062D\u0638\u0629 \u0648\u0631\u0648\u062F\u0647\u0627",languages:"\u0627\u0644\u0644\u063A\u0627\u062A",otherEditions:"\u0627\u0644\u0637\u0628\u0639\u0627\u062A \u0627\u0644\u0623\u062E\u0631\u0649"}};var Xe={language:"en",dir:"ltr",title:"Breaking",urgency:{flash:"Flash",urgent:"Urgent",update:"Update"},corrected:"Corrected",withdrawn:"Withdrawn",empty:"No breaking news right now.",state:{connecting:"Connecting",live:"Live",delayed:"Delayed","catching up":"Catching up",offline:"Offline since {time}"},site:{tagline:"Breaking news, the moment it is known",languages:"Languages",otherEditions:"Other editions"}};var Ye={language:"es",dir:"ltr",title:"\xDAltima hora",urgency:{flash:"Flash",urgent:"Urgente",update:"Actualizaci\xF3n"},corrected:"Corregido",withdrawn:"Retirado",empty:"No hay noticias de \xFAltima hora.",state:{connecting:"Conectando",live:"En directo",delayed:"Con retraso","catching up":"Poni\xE9ndose al d\xEDa",offline:"Sin conexi\xF3n desde las {time}"},site:{tagline:"Las noticias de \xFAltima hora, en cuanto se saben",languages:"Idiomas",otherEditions:"Otras ediciones"}};function et(t){switch(t.toLowerCase().split("-")[0]){case"ar":return Qe;case"es":return Ye;default:return Xe}}var qt=4e3,Et=3,X=class{#t;#n;#r;#e=[];#s=[];#o=null;#i=0;constructor(e,n,r){this.#t=e,this.#n=n,this.#r=r}hear(e){if(e.type==="snapshot"&&this.#l(()=>!0),e.type!=="item"&&e.type!=="removal")return;let n=e.type==="item"?e.item.id:e.id;this.#l(i=>i.id===n);let r=this.#c(e);r!==null&&(this.#e=[{id:n,text:r},...this.#e].slice(0,Et),this.#o??=this.#t.after(Math.max(0,this.#i-this.#t.now()),()=>this.#a()))}close(){this.#o?.()}#a(){this.#o=null,this.#e.length!==0&&(this.#i=this.#t.now()+qt,this.#s=this.#e,this.#e=[],this.#r(this.#s.map(e=>e.text).join(". ")))}#l(e){this.#e=this.#e.filter(n=>!e(n)),this.#s.some(e)&&(this.#s=[],this.#r(""))}#c(e){return e.type==="removal"?e.notice===void 0?null:`${this.#n.withdrawn}: ${e.notice}`:e.type!=="item"||e.item.status!=="usable"?null:e.change==="new"?`${this.#n.urgency[e.item.urgency]}: ${K(e.item)}`:e.change==="corrected"?`${this.#n.corrected}: ${K(e.item)}`:null}};var tt=`:host {
  --paper: #fff;
  --ink: #16181d;
  --quiet: #5b616e;
  --rule: #e3e5ea;
  --breaking: #c8102e;
  --amber: #8a5a00;
  --live: #1a7f4b;
  display: block;
  color-scheme: light dark;
  container-type: inline-size;
}

@media (prefers-color-scheme: dark) {
  :host {
    --paper: #16181d;
    --ink: #f1f2f4;
    --quiet: #a3a9b6;
    --rule: #31353f;
    --breaking: #e5273f;
    --amber: #f0b429;
    --live: #4cc38a;
  }
}

.ticker {
  background: var(--paper);
  border: 1px solid var(--rule);
  border-block-start: 3px solid var(--breaking);
  border-radius: 4px;
  color: var(--ink);
  font:
    400 1rem / 1.45 system-ui,
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    sans-serif;
  overflow-wrap: anywhere;
  text-align: start;
}

.ticker:dir(rtl) {
  font-size: 1.0625rem;
  line-height: 1.65;
}

header {
  align-items: center;
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1rem;
  justify-content: space-between;
  padding: 0.75rem 1rem;
}

h2,
p,
ol {
  margin: 0;
  padding: 0;
}

h2 {
  background: var(--breaking);
  border-radius: 2px;
  color: #fff;
  font-size: 0.8125rem;
  font-weight: 700;
  line-height: 1.4;
  padding: 0.2rem 0.6rem;
}

h2:not(:lang(ar)) {
  letter-spacing: 0.06em;
  text-transform: uppercase;
}

h2:lang(ar) {
  font-size: 0.9375rem;
}

.state {
  align-items: center;
  color: var(--quiet);
  display: flex;
  font-size: 0.8125rem;
  gap: 0.4rem;
}

.dot {
  background: var(--quiet);
  block-size: 0.5rem;
  border-radius: 50%;
  inline-size: 0.5rem;
}

.live .dot {
  background: var(--live);
}

.delayed .dot,
.catching-up .dot {
  background: var(--amber);
}

.offline .dot {
  background: transparent;
  box-shadow: inset 0 0 0 2px var(--quiet);
}

ol {
  list-style: none;
}

.entry {
  border-block-start: 1px solid var(--rule);
  padding: 0.7rem 1rem 0.75rem;
}

.about {
  align-items: baseline;
  color: var(--quiet);
  display: flex;
  flex-wrap: wrap;
  font-size: 0.8125rem;
  gap: 0 0.6rem;
}

.urgency {
  font-weight: 600;
}

.flash .urgency,
.urgent .urgency {
  color: var(--breaking);
}

@media (prefers-color-scheme: dark) {
  .flash .urgency,
  .urgent .urgency {
    color: #ff7a85;
  }
}

.flash .line {
  font-size: 1.125em;
  font-weight: 600;
}

time {
  font-variant-numeric: tabular-nums;
}

.attribution {
  font-weight: 600;
}

.line a {
  color: inherit;
  text-decoration-color: var(--rule);
  text-decoration-thickness: 1px;
  text-underline-offset: 0.2em;
}

.line a:hover {
  text-decoration-color: currentcolor;
}

.line a:focus-visible {
  border-radius: 2px;
  outline: 2px solid var(--breaking);
  outline-offset: 2px;
}

.corrected {
  color: var(--amber);
  font-weight: 600;
}

.note {
  border-inline-start: 2px solid var(--amber);
  color: var(--quiet);
  font-size: 0.875rem;
  margin-block-start: 0.35rem;
  padding-inline-start: 0.6rem;
}

.withdrawn .notice {
  color: var(--quiet);
  font-style: italic;
}

.withdrawn .notice:lang(ar) {
  font-style: normal;
}

.empty {
  border-block-start: 1px solid var(--rule);
  color: var(--quiet);
  padding: 1rem;
}

.announcer {
  block-size: 1px;
  clip-path: inset(50%);
  inline-size: 1px;
  overflow: hidden;
  position: absolute;
  white-space: nowrap;
}

@container (inline-size >= 44rem) {
  .entry {
    column-gap: 1.25rem;
    display: grid;
    grid-template-columns: 9.5rem 1fr;
  }

  .about {
    align-content: start;
    grid-row: 1 / span 2;
    padding-block-start: 0.15rem;
  }

  .line,
  .note,
  .notice {
    grid-column: 2;
  }
}
`;function Y(t,e,n){if(!Number.isFinite(t))return"";let r=he(n,{dateStyle:"short"}),i={hour:"2-digit",minute:"2-digit",hourCycle:"h23"};return r.format(t)===r.format(e)?he(n,i).format(t):he(n,{...i,day:"numeric",month:"short"}).format(t)}function he(t,e){return new Intl.DateTimeFormat(t.language,{...e,...t.timeZone&&{timeZone:t.timeZone},...t.numerals&&{numberingSystem:t.numerals}})}var Dt=Symbol.for("pv"),Nt=0;function u(t,e,n,r,i,o){e||(e={});var a,l,d=e;if("ref"in d&&typeof t!="function")for(l in d={},e)l=="ref"?a=e[l]:d[l]=e[l];var h={type:t,props:d,key:n,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:Dt,__v:--Nt,__i:-1,__u:0};return(i||o)&&(h.__source=i,h.__self=o),y.vnode&&y.vnode(h),h}function nt({item:t,strings:e,style:n}){return t.status==="usable"?u($t,{item:t,strings:e,style:n}):u(Bt,{item:t,strings:e,style:n})}function $t({item:t,strings:e,style:n}){let{correction:r}=t;return u("li",{class:`entry ${t.urgency}`,"data-id":t.id,lang:t.language,dir:t.dir,children:[u("p",{class:"about",children:[u("span",{class:"urgency",lang:e.language,dir:e.dir,children:e.urgency[t.urgency]}),u(rt,{at:t.publishedAt,style:n}),r?.kind==="corrected"&&u("span",{class:"corrected",lang:e.language,dir:e.dir,children:e.corrected})]}),u(zt,{item:t}),r?.note&&u("p",{class:"note",children:u("bdi",{lang:t.language,dir:t.dir,children:r.note})})]})}function zt({item:t}){let{attribution:e,language:n,dir:r}=t,i=u("bdi",{class:"headline",lang:n,dir:r,children:t.headline});return u("p",{class:"line",children:[e&&u("bdi",{class:"attribution",lang:n,dir:r,children:e}),e&&": ",t.url?.startsWith("https://")?u("a",{href:t.url,children:i}):i]})}function Bt({item:t,strings:e,style:n}){return u("li",{class:"entry withdrawn","data-id":t.id,lang:t.language,dir:t.dir,children:[u("p",{class:"about",children:[u("span",{class:"urgency",lang:e.language,dir:e.dir,children:e.withdrawn}),u(rt,{at:t.updatedAt,style:n})]}),t.notice&&u("p",{class:"notice",children:u("bdi",{lang:t.language,dir:t.dir,children:t.notice})})]})}function rt({at:t,style:e}){let n=Y(Date.parse(t),Date.now(),e);return n===""?null:u("time",{dateTime:t,children:n})}function ot({view:t,strings:e,style:n,limit:r}){let i=t.items?.slice(0,r)??[];return u("section",{class:"ticker","aria-labelledby":"title",lang:e.language,dir:e.dir,children:[u("header",{children:[u("h2",{id:"title",children:e.title}),u(jt,{state:t.state,strings:e,style:n})]}),u("ol",{children:i.map(o=>u(nt,{item:o,strings:e,style:n},o.id))}),t.items?.length===0&&u("p",{class:"empty",children:e.empty}),u("div",{class:"announcer","aria-live":"polite",children:t.announcement})]})}function jt({state:t,strings:e,style:n}){let r=t.type==="offline"?Y(t.since,Date.now(),n):"";return u("p",{class:`state ${t.type.replace(" ","-")}`,children:[u("span",{class:"dot","aria-hidden":"true"}),u("span",{class:"words",children:e.state[t.type].replace("{time}",r)})]})}var Vt=20,it=10,ee=class extends HTMLElement{static observedAttributes=["edition","section","region","topic","limit","src","lang","time-zone","numerals"];#t=this.attachShadow({mode:"open"});#n=null;#r=null;#e=st;#s=!1;connectedCallback(){let e=new CSSStyleSheet;e.replaceSync(tt),this.#t.adoptedStyleSheets=[e],this.#o()}disconnectedCallback(){this.#i()}attributeChangedCallback(e,n,r){this.#n&&n!==r&&this.#o()}#o(){this.#i(),this.#e=st,this.#r=new X(J,this.#u(),e=>this.#l({announcement:e})),this.#n=ye(this.#a()),this.#l({})}#i(){this.#n?.close(),this.#n=null,this.#r?.close()}#a(){return{url:this.getAttribute("src")??new URL(import.meta.url).origin,edition:this.getAttribute("edition")??"en",filter:{sections:this.#p("section"),regions:this.#p("region"),topics:this.#p("topic")},onItems:e=>this.#l({items:e}),onState:e=>this.#l({state:e}),onFrame:e=>this.#r?.hear(e)}}#l(e){this.#e={...this.#e,...e},!this.#s&&(this.#s=!0,queueMicrotask(()=>{this.#s=!1,this.#c()}))}#c(){let e=Number(this.getAttribute("limit")??it),n=Number.isInteger(e)&&e>0?Math.min(e,Vt):it;Ae(u(ot,{view:this.#e,strings:this.#u(),style:this.#d(),limit:n}),this.#t)}#u(){return et(this.getAttribute("lang")??this.getAttribute("edition")??"en")}#d(){let e=this.getAttribute("time-zone"),n=this.getAttribute("numerals");return{language:this.#u().language,...e&&{timeZone:e},...n&&{numerals:n}}}#p(e){return(this.getAttribute(e)??"").split(/[\s,]+/).filter(n=>n!=="")}},st={items:null,state:{type:"connecting"},announcement:""};customElements.get("breaking-ticker")||customElements.define("breaking-ticker",ee);
